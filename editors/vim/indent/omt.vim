" Indentation as `omtc fmt` writes it: a step for each line that leaves a bracket open; what continues an item (`when`,
" `after`, `let` of a transition, `AND`) one step further in than the item, whose body is measured from its first line.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=OmtIndent()
setlocal indentkeys=0),0],0},!^F,o,O,0=when,0=else,0=after,0=let,0=AND,0=OR
setlocal autoindent nosmartindent
let b:undo_indent = 'setlocal indentexpr< indentkeys< autoindent< smartindent<'

if exists('*OmtIndent')
  finish
endif

let s:closes = '^\s*[)\]}]'
let s:joins = '^\s*\c\%(and\|or\)\>'
let s:guards = '^\s*\%(when\|after\|else\)\>'
let s:claims = '^\s*\%(always\|never\|eventually\|sometimes\|leads\)\>'
let s:lets = '^\s*let\>'
let s:transition = '->\s*\w\+\s\+\%(on\|auto\)\>'

" A line that ends like this goes on in the next one.
let s:goes_on = '\c\%(\<\%(then\|else\|and\|or\|not\|in\|return\)\|\s[-+*/%=<>!]\+\)\s*$'

" Parentheses around conditions, and no block.
let s:group = '^\s*\c\%(and\|or\|when\)\s*(\s*$'
let s:branch = '\c\<\%(then\|else\)\s*$'

" The text of a line without its strings and comment, so that brackets in them do not count.
function! s:code(number) abort
  let l:text = getline(a:number)
  return l:text =~# '["#]' ? substitute(substitute(l:text, '"[^"]*"', '', 'g'), '#.*$', '', '') : l:text
endfunction

" Whether a line is the rest of the one before it.
function! s:is_rest(number) abort
  let l:before = prevnonblank(a:number - 1)
  return l:before && s:code(l:before) =~# s:goes_on
endfunction

" How far in the rest of a line stands: a step, also when more than one line is needed. What follows `THEN` is a statement of
" its own, and may have a rest again.
function! s:rest(number) abort
  let l:before = prevnonblank(a:number - 1)
  let l:code = s:code(l:before)
  let l:again = s:is_rest(l:before) && s:code(prevnonblank(l:before - 1)) !~# s:branch
        \ || l:code =~# s:joins && l:code =~# s:branch
  return indent(l:before) + (l:again ? 0 : shiftwidth())
endfunction

" Goes back over the brackets of a line: how many are closed that an earlier line opens, or -1 when the line opens the one
" that encloses what follows.
function! s:back(code, closed) abort
  let l:closed = a:closed
  for l:sign in reverse(split(substitute(a:code, '[^()[\]{}]', '', 'g'), '\zs'))
    let l:closed += l:sign =~# '[)\]}]' ? 1 : -1
    if l:closed < 0
      return -1
    endif
  endfor
  return l:closed
endfunction

" What stands before a line at its own level: `first`, the line with which the item before it begins; `last`, the line just
" before it; `open`, the line that opens the bracket around them. Zero where there is none, or none was needed.
function! s:before(number) abort
  let l:found = {'first': 0, 'last': 0, 'open': 0}
  let l:number = a:number
  let l:closed = 0
  while l:number > 1
    let l:number -= 1
    let l:code = s:code(l:number)
    if l:code !~# '\S'
      continue
    endif
    let l:closed = s:back(l:code, l:closed)
    if l:closed < 0
      let l:found.open = l:number
      return l:found
    elseif l:closed > 0
      continue
    endif
    if !l:found.last
      let l:found.last = l:number
    endif
    if l:code =~# s:lets
      " Of a transition if one stands above it, else an action.
      let l:found.first = l:number
    elseif s:is_rest(l:number)
      continue
    elseif l:code !~# s:joins && l:code !~# s:guards && l:code !~# s:claims && l:code !~# s:closes
      if !l:found.first || l:code =~# s:transition
        let l:found.first = l:number
      endif
      return l:found
    endif
  endwhile
  return l:found
endfunction

" The line that opens the bracket around a line.
function! s:opener(number) abort
  let l:number = a:number
  let l:closed = 0
  while l:number > 1 && l:closed >= 0
    let l:number -= 1
    let l:closed = s:back(s:code(l:number), l:closed)
  endwhile
  return l:closed < 0 ? l:number : 0
endfunction

" How far in an item begins that stands after what was found.
function! s:level(found) abort
  if a:found.first
    return indent(a:found.first)
  endif
  return a:found.open ? s:opened(a:found.open) + shiftwidth() : 0
endfunction

" How far in the bracket is closed that a line leaves open.
function! s:opened(number) abort
  let l:code = s:code(a:number)
  let l:continues = l:code =~# s:joins || l:code =~# s:guards
  " The block of an item; what a call, a list or a record holds is measured from its own line.
  if l:continues && l:code =~# '\s(\s*$' && l:code !~# s:group
    return s:level(s:before(a:number))
  endif
  " `) (`: the block of the item in which that bracket was opened.
  if l:code =~# s:closes && l:code =~# '\s(\s*$'
    let l:open = s:opener(a:number)
    let l:begun = l:open ? s:code(l:open) : ''
    if l:open && (l:begun =~# s:joins || l:begun =~# s:guards || s:is_rest(l:open))
      return s:level(s:before(l:open))
    endif
  endif
  return indent(a:number)
endfunction

function! OmtIndent() abort
  let l:found = s:before(v:lnum)
  let l:level = s:level(l:found)
  let l:here = s:code(v:lnum)
  let l:first = l:found.first ? s:code(l:found.first) : ''
  if l:here !~# s:closes && s:is_rest(v:lnum)
    return s:rest(v:lnum)
  elseif l:here =~# s:closes
    return max([l:level - shiftwidth(), 0])
  elseif l:here =~# s:joins && l:found.last
    let l:last = s:code(l:found.last)
    return indent(l:found.last) + (l:last =~# s:joins ? 0 : shiftwidth())
  elseif l:here =~# s:guards && l:found.first
    return l:level + shiftwidth()
  elseif l:here =~# s:lets && l:first =~# s:transition
    let l:last = s:code(l:found.last)
    return l:level + (l:last =~# s:transition || l:last =~# s:lets ? shiftwidth() : 0)
  elseif l:here =~# s:claims && l:first =~# '^\s*property\>'
    return l:level + shiftwidth()
  endif
  return l:level
endfunction
