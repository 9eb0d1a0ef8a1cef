;;; omt-mode-test.el --- Tests of omt-mode  -*- lexical-binding: t; -*-

;;; Commentary:

;; emacs --batch -L editors/emacs -l omt-mode-test -f ert-run-tests-batch-and-exit

;;; Code:

(require 'ert)
(require 'imenu)
(require 'omt-mode)

(defconst omt-test--protocols
  (expand-file-name "../../protocols" (file-name-directory (or load-file-name buffer-file-name))))

(defmacro omt-test--with (text &rest body)
  "Run BODY in a buffer of `omt-mode' that holds TEXT."
  (declare (indent 1))
  `(with-temp-buffer
     (insert ,text)
     (omt-mode)
     (font-lock-ensure)
     (goto-char (point-min))
     ,@body))

(defun omt-test--face (text)
  "The face of the last letter of the next TEXT."
  (let ((case-fold-search nil))
    (search-forward text)
    (get-text-property (1- (match-end 0)) 'face)))

(ert-deftest omt-words-have-their-faces ()
  (omt-test--with "## Why
parameters ( WAIT = 5 minutes \"How long\" )  # text
imports shared/common
message PING from Client to [Server] ( at timestamp )
actor Server (
    store ( asked list<peer_id> )
    state IDLE initial
    any -> BUSY on PONG when message.state > NOW() And x == null (
        state = 1
        SEND(message.sender, x)
    )
)
"
    (dolist (expected '(("## Why" font-lock-doc-face)
                        ("parameters" font-lock-keyword-face)
                        ("WAIT" font-lock-constant-face)
                        ("minutes" font-lock-builtin-face)
                        ("\"How" font-lock-string-face)
                        ("# text" font-lock-comment-face)
                        ("shared/common" font-lock-string-face)
                        ("message" font-lock-keyword-face)
                        ("PING" font-lock-type-face)
                        ("Client" font-lock-type-face)
                        ("timestamp" font-lock-type-face)
                        ("actor" font-lock-keyword-face)
                        ("Server" font-lock-type-face)
                        ("list" font-lock-type-face)
                        ("peer_id" font-lock-type-face)
                        ("IDLE" font-lock-constant-face)
                        ("initial" font-lock-keyword-face)
                        ("any" font-lock-keyword-face)
                        ("PONG" font-lock-type-face)
                        ("when" font-lock-keyword-face)
                        ("message" font-lock-variable-name-face)
                        ("state" nil)
                        ("NOW" font-lock-builtin-face)
                        ("And" font-lock-keyword-face)
                        ("null" font-lock-constant-face)
                        ("state" nil)
                        ("SEND" font-lock-keyword-face)))
      (should (equal (list (car expected) (omt-test--face (car expected))) expected)))))

(ert-deftest omt-indentation-is-that-of-omtc-fmt ()
  (let ((files (directory-files-recursively omt-test--protocols "\\.omt\\'")) (wrong nil) (lines 0))
    (should (>= (length files) 15))
    (dolist (file files)
      (with-temp-buffer
        (insert-file-contents file)
        (omt-mode)
        (goto-char (point-min))
        (while (not (eobp))
          (unless (looking-at-p "[ \t]*$")
            (setq lines (1+ lines))
            (let ((column (omt--indentation)))
              (unless (= column (current-indentation))
                (push (format "%s:%d: %d" (file-relative-name file omt-test--protocols) (line-number-at-pos) column) wrong))))
          (forward-line 1))))
    (should (> lines 1000))
    (should (equal wrong nil))))

(ert-deftest omt-a-line-is-indented-where-it-stands ()
  (omt-test--with "actor A (\nstate S\nS -> T on M\nwhen a\nAND b (\nc = 1\n)\n)\n"
    (indent-region (point-min) (point-max))
    (should (equal (buffer-string)
                   "actor A (\n    state S\n    S -> T on M\n        when a\n            AND b (\n        c = 1\n    )\n)\n"))))

(ert-deftest omt-the-index-lists-what-is-declared ()
  (omt-test--with "message PING from A to [B] ()\nactor A (\n    state IDLE initial\n)\nnative task boot() -> bool \"x\"\n"
    (let* ((index (funcall imenu-create-index-function))
           (names (lambda (kind) (mapcar #'car (cdr (assoc kind index))))))
      (should (equal (funcall names "Messages") '("PING")))
      (should (equal (funcall names "Actors") '("A")))
      (should (equal (funcall names "States") '("IDLE")))
      (should (equal (funcall names "Tasks") '("boot"))))))

(ert-deftest omt-files-open-in-the-mode ()
  (should (eq (assoc-default "a/b.omt" auto-mode-alist #'string-match-p) 'omt-mode)))

;;; The language server, where Eglot is installed and OMT_LSP names the program.

(package-initialize)
(require 'eglot nil t)
(require 'flymake)

(defun omt-test--wait (condition)
  "Take what the server says until CONDITION holds, for 30 seconds at most."
  (let ((end (+ (float-time) 30)) held)
    (while (and (not (setq held (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.05))
    held))

(ert-deftest omt-eglot-speaks-with-the-server ()
  (skip-unless (and (featurep 'eglot) (getenv "OMT_LSP")))
  (let* ((folder (file-name-as-directory (make-temp-file "omt-mode" t)))
         (file (expand-file-name "protocols/ping_pong.omt" folder))
         (omt-lsp-command (list (getenv "OMT_LSP")))
         (eglot-sync-connect 60)
         (eglot-autoreconnect nil))
    (make-directory (file-name-directory file))
    (copy-file (expand-file-name "examples/ping_pong/transaction.omt" omt-test--protocols) file)
    (unwind-protect
        (with-current-buffer (find-file-noselect file)
          (apply #'eglot--connect (eglot--guess-contact))
          (should (eglot-managed-p))
          (goto-char (point-min))
          (search-forward "on PONG")
          (backward-char 2)
          (let ((hover (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams))))
            (should (string-match-p "message PONG from Responder" (plist-get (plist-get hover :contents) :value))))
          (save-window-excursion
            (switch-to-buffer (current-buffer))
            (xref-find-definitions "LSP identifier at point.")
            (should (looking-at-p "PONG from")))
          (goto-char (point-min))
          (search-forward "state WAITING")
          (replace-match "state   WAITIN")
          (eglot-format-buffer)
          (goto-char (point-min))
          (should (search-forward "state WAITIN \"" nil t))
          (flymake-start)
          (should (omt-test--wait
                   (lambda ()
                     (seq-some (lambda (d) (string-match-p "WAITING" (flymake-diagnostic-text d)))
                               (flymake-diagnostics)))))
          (set-buffer-modified-p nil)
          (eglot-shutdown (eglot-current-server))
          (kill-buffer))
      (delete-directory folder t))))

(provide 'omt-mode-test)
;;; omt-mode-test.el ends here
