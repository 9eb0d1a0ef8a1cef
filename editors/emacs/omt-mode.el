;;; omt-mode.el --- Omerta protocols (.omt)  -*- lexical-binding: t; -*-

;; Author: The Omerta authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Colours, indentation and an index for .omt files, and the language server
;; omt-lsp by Eglot (`M-x eglot') or lsp-mode (`M-x lsp').
;;
;;     (add-to-list 'load-path "CHECKOUT/editors/emacs")
;;     (require 'omt-mode)
;;     (add-hook 'omt-mode-hook #'eglot-ensure)
;;
;; The lists between BEGIN and END come from the table of words of omtc: see
;; docs/editors.md.

;;; Code:

(defgroup omt nil
  "Omerta protocols."
  :group 'languages
  :prefix "omt-")

(defcustom omt-indent-offset 4
  "How far what is in brackets is indented; `omtc fmt' takes 4."
  :type 'natnum
  :safe #'natnump)

(defcustom omt-lsp-command '("omt-lsp")
  "How the language server is started."
  :type '(repeat string))

;;; Words

(defconst omt--keywords
  '(
    ;; BEGIN generated strings(keyword, effect): @

      "ABORT" "APPEND" "BROADCAST" "SEND" "START" "STORE" "actor" "after" "always" "any" "as" "at"
      "auto" "block" "by" "byzantine" "cast" "collect" "crash" "defer" "delay" "drop" "duplicate"
      "else" "enum" "eventually" "every" "expect" "from" "function" "heal" "ignore" "imports"
      "initial" "into" "leads" "let" "lookup" "message" "native" "never" "nth" "on" "parameters"
      "partition" "peers" "property" "rest" "restart" "scenario" "sequence" "session" "shared"
      "signed" "sometimes" "state" "store" "struct" "task" "terminal" "timeout" "times" "to"
      "transaction" "trigger" "uses" "view" "when" "within"

    ;; END generated
    )
  "Keywords in exactly this spelling.")

(defconst omt--any-case
  '(
    ;; BEGIN generated strings(control, operator): @
    "and" "else" "for" "if" "in" "not" "or" "return" "then"
    ;; END generated
    )
  "Keywords in any case.")

(defconst omt--constants
  '(
    ;; BEGIN generated strings(constant): @
    "false" "null" "true"
    ;; END generated
    )
  "Values without a name, in any case.")

(defconst omt--types
  '(
    ;; BEGIN generated strings(type): @

      "ChainState" "any" "block" "bool" "bytes" "chain" "dict" "duration" "equivocation" "float"
      "function" "hash" "int" "list" "map" "peer_id" "rng" "secret" "segment" "signature" "signed"
      "string" "timestamp" "uint"

    ;; END generated
    )
  "Built-in types.")

(defconst omt--functions
  '(
    ;; BEGIN generated strings(function): @

      "ABS" "ALL" "ANY" "CHAIN_CONTAINS_HASH" "CHAIN_HEIGHT" "CHAIN_SEGMENT" "CHAIN_STATE_AT"
      "CLAMP" "CONCAT" "COUNT" "DAY" "EQUIVOCATION" "FILTER" "FIND" "GENERATE_ID" "GET" "HASH"
      "HAS_KEY" "KEYS" "LAST_PEER_HASH" "LENGTH" "LOAD" "MAP" "MAX" "MIN" "NOW" "RANDOM_BYTES"
      "READ" "REDUCE" "REVEAL" "SECONDS" "SEEDED_RNG" "SEEDED_SAMPLE" "SEEDED_SHUFFLE" "SIGN" "SORT"
      "SORT_BY" "SUM" "TO_STRING" "UNIQUE" "VALUES" "VERIFY_CHAIN_SEGMENT" "VERIFY_MULTI"
      "VERIFY_SIG" "VIEW" "WITH" "WITHOUT"

    ;; END generated
    )
  "Built-in functions.")

(defconst omt--values
  '(
    ;; BEGIN generated strings(value): @
    "chain" "message" "network" "peer_id" "result"
    ;; END generated
    )
  "Reserved names of values.")

(defconst omt--units
  '(
    ;; BEGIN generated strings(unit): @
    "days" "hours" "microseconds" "milliseconds" "minutes" "seconds"
    ;; END generated
    )
  "Units of durations.")

(defun omt--in-any-case (words)
  "A regular expression for WORDS, whatever their case."
  (let ((letter (lambda (c) (format "[%c%c]" (downcase c) (upcase c)))))
    (concat "\\_<\\(?:"
            (mapconcat (lambda (word) (mapconcat letter word "")) words "\\|")
            "\\)\\_>")))

(defconst omt--keyword-regexp
  (concat (regexp-opt omt--keywords 'symbols) "\\|" (omt--in-any-case omt--any-case)))

(defun omt--named-p ()
  "Whether what was just matched is a name: behind a dot, or before one or `='."
  (or (eq (char-before (match-beginning 0)) ?.)
      (save-excursion
        (goto-char (match-end 0))
        (skip-chars-forward " \t")
        (or (looking-at-p "=\\(?:[^=]\\|$\\)") (looking-at-p "\\.[^.]")))))

(defun omt--match (regexp limit)
  "Find REGEXP before LIMIT where it is no name."
  (let (found)
    (while (and (setq found (re-search-forward regexp limit t))
                (save-match-data (omt--named-p))))
    found))

(defun omt--match-keyword (limit)
  "Find a keyword before LIMIT."
  (let ((case-fold-search nil))
    (omt--match omt--keyword-regexp limit)))

(defconst omt--type-regexp
  (concat "\\(?:[[:alnum:]_][ \t]+\\|->[ \t]*\\|<\\)" (regexp-opt omt--types 'symbols)))

(defun omt--match-type (limit)
  "Find a built-in type before LIMIT, where a type stands."
  (let ((case-fold-search nil))
    (omt--match omt--type-regexp limit)))

(defun omt--match-constant (limit)
  "Find `true', `false' or `null' before LIMIT."
  (let ((case-fold-search nil))
    (omt--match (omt--in-any-case omt--constants) limit)))

(defvar omt-font-lock-keywords
  `((,(concat "\\_<\\(?:imports\\|uses\\)[ \t]+\\([[:alnum:]_./]+\\)") 1 font-lock-string-face)
    (,(concat "\\_<\\(?:actor\\|message\\|block\\|struct\\|enum\\|view\\|from\\)[ \t]+"
              "\\([[:alpha:]_][[:alnum:]_]*\\)")
     1 font-lock-type-face)
    (,(concat "\\_<\\(?:function\\|task\\|trigger\\|property\\|scenario\\)[ \t]+"
              "\\([[:alpha:]_][[:alnum:]_]*\\)")
     1 font-lock-function-name-face)
    ("\\_<state[ \t]+\\([[:alpha:]_][[:alnum:]_]*\\)\\_>[ \t]*\\(?:[^=. \t]\\|$\\)" 1 font-lock-constant-face)
    ("\\_<on[ \t]+\\([[:upper:]][[:alnum:]_]*\\)" 1 font-lock-type-face)
    ;; The type of a field, behind `->', and between `<' and `>'.
    (omt--match-type 1 font-lock-type-face)
    (,(concat (regexp-opt omt--types 'symbols) "\\??>") 1 font-lock-type-face)
    (,(concat "\\_<[0-9]+\\(?:\\.[0-9]+\\)?[ \t]+" (regexp-opt omt--units 'symbols))
     1 font-lock-builtin-face)
    (omt--match-constant . font-lock-constant-face)
    (omt--match-keyword . font-lock-keyword-face)
    (,(concat (regexp-opt omt--functions 'symbols) "(") 1 font-lock-builtin-face)
    (,(concat "\\(?:^\\|[^.]\\)" (regexp-opt omt--values 'symbols)) 1 font-lock-variable-name-face)
    ("\\_<\\([[:upper:]][[:upper:][:digit:]_]+\\)\\_>\\(?:[^(]\\|$\\)" 1 font-lock-constant-face))
  "What is coloured in `omt-mode'.")

(defvar omt-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "\"" table)
    ;; Strings know no escapes.
    (modify-syntax-entry ?\\ "." table)
    (modify-syntax-entry ?' "." table)
    (dolist (sign '(?+ ?- ?* ?/ ?% ?= ?< ?> ?! ?? ?.))
      (modify-syntax-entry sign "." table))
    table)
  "Syntax of `omt-mode'.")

(defun omt--syntactic-face (state)
  "The face of the string or comment that the parser's STATE is in."
  (cond ((nth 3 state) font-lock-string-face)
        ((save-excursion (goto-char (nth 8 state)) (looking-at-p "##")) font-lock-doc-face)
        (t font-lock-comment-face)))

;;; Indentation

(defconst omt--operator-at-start
  (concat "[ \t]*\\(?:" (omt--in-any-case '("and" "or" "then" "else")) "\\|[-+*/%][ \t]\\|[=!<>]=[ \t]\\)")
  "A line that goes on with the expression of the line before.")

(defconst omt--branch-at-start (concat "[ \t]*" (omt--in-any-case '("then" "else")))
  "A line that goes on with a choice.")

(defconst omt--clause-at-start
  "[ \t]*\\(?:\\(?:when\\|after\\|let\\|else\\|into\\|in[ \t]+\\[\\)\\_>\\|->\\)"
  "A line that goes on with the item of an actor.")

(defconst omt--claim-at-start
  "[ \t]*\\(?:always\\|never\\|eventually\\|sometimes\\|leads\\)[ \t]*("
  "A line that goes on with a property.")

(defconst omt--operator-at-end
  (concat "\\(?:[ \t]\\(?:[-+*/%=<>]\\|[=!<>]=\\)\\|" (omt--in-any-case '("and" "or" "not")) "\\)\\'")
  "The end of a line that the next line goes on with.")

(defconst omt--statement-at-end
  (concat (omt--in-any-case '("then" "else")) "\\'")
  "The end of a line before the statement of a branch.")

(defconst omt--loop
  (concat "[ \t]*" (omt--in-any-case '("for")) "[ \t]+[[:alnum:]_]+[ \t]+" (omt--in-any-case '("in"))
          ".*[^( \t][ \t]*$")
  "A line that is the head of a loop, without a bracket after it.")

(defun omt--open ()
  "Where the innermost bracket around the line opens.
Brackets that the line closes first are not around it."
  (save-excursion
    (beginning-of-line)
    (skip-chars-forward " \t)]}")
    (nth 1 (syntax-ppss))))

(defun omt--line-above ()
  "Move to the line above that is in the same bracket.
Return nil, and stay, when there is none."
  (let ((start (line-beginning-position)) (open (omt--open)) found)
    (while (and (not found) (zerop (forward-line -1)) (or (null open) (> (point) open)))
      (setq found (and (not (looking-at-p "[ \t]*\\(?:#.*\\)?$"))
                       (equal (omt--open) open))))
    (unless found (goto-char start))
    found))

(defun omt--ends-with-p (regexp)
  "Whether the line, without its comment, matches REGEXP."
  (save-excursion
    (end-of-line)
    (let ((state (syntax-ppss)))
      (when (nth 4 state) (goto-char (nth 8 state)))
      (skip-chars-backward " \t")
      (let ((end (point)) (case-fold-search nil))
        (save-restriction
          (narrow-to-region (line-beginning-position) end)
          (goto-char (point-min))
          (re-search-forward regexp nil t))))))

(defun omt--items-p (open)
  "Whether the bracket at OPEN is that of an actor."
  (save-excursion
    (goto-char open)
    (beginning-of-line)
    (looking-at-p "[ \t]*actor[ \t]")))

(defun omt--after-operator-p ()
  "Whether the line above ends with an operator."
  (save-excursion (and (omt--line-above) (omt--ends-with-p omt--operator-at-end))))

(defun omt--goes-on-p ()
  "Whether the line goes on with the one above."
  (let ((open (omt--open)))
    (or (looking-at-p omt--operator-at-start)
        (and open (omt--items-p open) (looking-at-p omt--clause-at-start))
        (and (null open) (looking-at-p omt--claim-at-start))
        (omt--after-operator-p))))

(defun omt--opener ()
  "From a line that begins with a closing bracket, move to the one that opens it."
  (when (looking-at-p "[ \t]*[])}]")
    (let ((open (nth 1 (syntax-ppss))))
      (when open
        (goto-char open)
        (beginning-of-line)))))

(defun omt--head ()
  "Move to the line on which what the line at point belongs to begins."
  (beginning-of-line)
  (let (start)
    (while (not (eql (point) start))
      (setq start (point))
      (omt--opener)
      (when (omt--goes-on-p) (omt--line-above)))))

(defun omt--block-indentation ()
  "How far what closes the bracket at point is indented."
  (if (and (eq (char-after) ?\()
           (memq (char-before) '(?\s ?\t))
           (not (save-restriction
                  (narrow-to-region (point-min) (point))
                  (omt--ends-with-p omt--operator-at-end)))
           (not (save-excursion (beginning-of-line) (looking-at-p omt--claim-at-start))))
      ;; A block: that of the item or action, whose guard may take several lines.
      (save-excursion (omt--head) (current-indentation))
    (current-indentation)))

(defun omt--indentation ()
  "How far the line at point is to be indented."
  (save-excursion
    (beginning-of-line)
    (let* ((state (syntax-ppss))
           (open (nth 1 state))
           (base (if open
                     (save-excursion (goto-char open) (omt--block-indentation))
                   (- omt-indent-offset))))
      (cond
       ((nth 3 state) (current-indentation))
       ((looking-at-p "[ \t]*[])}]") base)
       ((omt--goes-on-p) (omt--continued (+ base omt-indent-offset)))
       ((save-excursion
          (and (omt--line-above)
               (or (omt--ends-with-p omt--statement-at-end) (looking-at-p omt--loop))
               (progn (omt--head) (+ (current-indentation) omt-indent-offset)))))
       (t (+ base omt-indent-offset))))))

(defun omt--continued (otherwise)
  "How far a line is indented that goes on with the one above.
OTHERWISE is the answer when nothing is above."
  (save-excursion
    (let ((branch (looking-at-p omt--branch-at-start))
          (operator (looking-at-p omt--operator-at-start))
          (after (omt--after-operator-p)))
      (cond
       ((not (and (omt--line-above) (progn (omt--opener) t))) otherwise)
       (branch (omt--head) (+ (current-indentation) omt-indent-offset))
       ;; One step, however many lines go on so.
       ((if operator (looking-at-p omt--operator-at-start) (and after (omt--after-operator-p)))
        (current-indentation))
       ((or operator after) (+ (current-indentation) omt-indent-offset))
       (t (omt--head) (+ (current-indentation) omt-indent-offset))))))

(defun omt-indent-line ()
  "Indent the line at point."
  (interactive)
  (let ((column (omt--indentation))
        (offset (- (current-column) (current-indentation))))
    (indent-line-to (max 0 column))
    (when (> offset 0) (move-to-column (+ (current-indentation) offset)))))

;;; Index

(defvar omt-imenu-generic-expression
  (mapcar (lambda (entry)
            (list (car entry)
                  (format "^[ \t]*%s[ \t]+\\([[:alpha:]_][[:alnum:]_]*\\)" (cdr entry))
                  1))
          '(("Actors" . "actor") ("Messages" . "message") ("Blocks" . "block") ("Views" . "view")
            ("Types" . "\\(?:enum\\|struct\\)") ("Functions" . "\\(?:native[ \t]+\\)?function")
            ("Tasks" . "native[ \t]+task") ("States" . "state") ("Triggers" . "trigger")
            ("Properties" . "property") ("Scenarios" . "scenario")))
  "What the index of a protocol lists.")

;;; Mode

;;;###autoload
(define-derived-mode omt-mode prog-mode "OMT"
  "Major mode for Omerta protocols."
  (setq-local comment-start "# ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "#+[ \t]*")
  (setq-local indent-tabs-mode nil)
  (setq-local tab-width omt-indent-offset)
  (setq-local indent-line-function #'omt-indent-line)
  (setq-local electric-indent-chars (append '(?\) ?\] ?\}) electric-indent-chars))
  (setq-local imenu-generic-expression omt-imenu-generic-expression)
  (setq-local imenu-case-fold-search nil)
  (setq-local font-lock-defaults
              '(omt-font-lock-keywords
                nil nil nil
                (font-lock-syntactic-face-function . omt--syntactic-face))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.omt\\'" . omt-mode))

;;; Language server

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons 'omt-mode (lambda (&rest _) omt-lsp-command))))

(defvar lsp-language-id-configuration)
(declare-function lsp-register-client "ext:lsp-mode" (client))
(declare-function make-lsp-client "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode" (command &optional test-command))
(declare-function lsp-activate-on "ext:lsp-mode" (&rest languages))
(with-eval-after-load 'lsp-mode
  (add-to-list 'lsp-language-id-configuration '(omt-mode . "omt"))
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection (lambda () omt-lsp-command))
                    :activation-fn (lsp-activate-on "omt")
                    :server-id 'omt-lsp)))

(provide 'omt-mode)
;;; omt-mode.el ends here
