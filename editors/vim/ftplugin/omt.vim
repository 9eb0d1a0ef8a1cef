scriptencoding utf-8
" What editing a protocol needs, whether or not a language server runs.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:##,:# commentstring=#\ %s
setlocal formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=4 softtabstop=4
setlocal iskeyword=@,48-57,_
setlocal matchpairs=(:),[:],{:}

" `gf` on the path of an import: from the folder that holds `omt.toml` or is called `protocol` or `protocols`.
setlocal suffixesadd=.omt,/transaction.omt
setlocal include=^\\s*\\%(imports\\\|uses\\)\\s
function! s:protocol_folder() abort
  let l:folder = expand('%:p:h')
  while 1
    if filereadable(l:folder . '/omt.toml') || fnamemodify(l:folder, ':t') =~# '^protocols\?$'
      return l:folder
    endif
    let l:outer = fnamemodify(l:folder, ':h')
    if l:outer ==# l:folder
      return expand('%:p:h')
    endif
    let l:folder = l:outer
  endwhile
endfunction
let &l:path = '.,' . escape(s:protocol_folder(), ' ,')

" `:make` puts the findings of the file into the list of errors.
setlocal makeprg=omtc\ check\ --color\ never\ %:p:S
let &l:errorformat = '%E[%[ESW]%n] Error: %m,%W[%[ESW]%n] Warning: %m,%I[%[ESW]%n] Note: %m,%I[%[ESW]%n] Advice: %m,'
      \ . '%Z%*[ ]╭─[ %f:%l:%c ],%-G%.%#'

let b:undo_ftplugin = 'setlocal comments< commentstring< formatoptions< expandtab< shiftwidth< softtabstop<'
      \ . ' iskeyword< matchpairs< suffixesadd< include< path< makeprg< errorformat<'
