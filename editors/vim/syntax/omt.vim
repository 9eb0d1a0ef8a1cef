" The words between `BEGIN generated` and `END generated` are those of the compiler: `omtc words --out editors`.
if exists('b:current_syntax')
  finish
endif
let s:cpo_save = &cpo
set cpo&vim

syntax case match
syntax iskeyword @,48-57,_

" Names by their letters: what is written in capitals is a message, a state, a parameter or a value of an enum.
syntax match omtConstant /\<[A-Z][A-Z0-9_]*\>/
syntax match omtTypeName /\<[A-Z]\w*[a-z]\w*\>/
syntax match omtCall /\<[A-Za-z_]\w*\ze(/

" BEGIN generated words(item, flag, cause, clause, action, claim, step): syntax keyword omtKeyword @
syntax keyword omtKeyword after always any as at auto by byzantine cast collect crash defer delay
syntax keyword omtKeyword drop duplicate else eventually every expect from heal ignore initial into
syntax keyword omtKeyword leads let lookup never nth on parameters partition peers rest restart
syntax keyword omtKeyword sequence session shared signed sometimes state store terminal timeout
syntax keyword omtKeyword times to trigger when within
" END generated
" BEGIN generated words(effect): syntax keyword omtEffect @
syntax keyword omtEffect ABORT APPEND BROADCAST SEND START STORE
" END generated
" BEGIN generated words(function): syntax keyword omtFunction @
syntax keyword omtFunction ABS ALL ANY CHAIN_CONTAINS_HASH CHAIN_HEIGHT CHAIN_SEGMENT CHAIN_STATE_AT
syntax keyword omtFunction CLAMP CONCAT COUNT DAY EQUIVOCATION FILTER FIND GENERATE_ID GET HASH
syntax keyword omtFunction HAS_KEY KEYS LAST_PEER_HASH LENGTH LOAD MAP MAX MIN NOW RANDOM_BYTES READ
syntax keyword omtFunction REDUCE REVEAL SECONDS SEEDED_RNG SEEDED_SAMPLE SEEDED_SHUFFLE SIGN SORT
syntax keyword omtFunction SORT_BY SUM TO_STRING UNIQUE VALUES VERIFY_CHAIN_SEGMENT VERIFY_MULTI
syntax keyword omtFunction VERIFY_SIG VIEW WITH WITHOUT
" END generated
" BEGIN generated words(unit, quantity): syntax keyword omtUnit @
syntax keyword omtUnit count days fraction hours microseconds milliseconds minutes seconds
" END generated
" BEGIN generated regex(value): syntax match omtValue /\v<%(@)>/
syntax match omtValue /\v<%(chain|message|network|peer_id|result)>/
" END generated
syntax case ignore
" BEGIN generated words(control): syntax keyword omtControl @
syntax keyword omtControl else for if in return then
" END generated
" BEGIN generated words(operator): syntax keyword omtOperatorWord @
syntax keyword omtOperatorWord and in not or
" END generated
" BEGIN generated words(constant): syntax keyword omtBoolean @
syntax keyword omtBoolean false null true
" END generated
syntax case match

" Words that are something else elsewhere: a type where a name stands before it, a declaration where a line begins.
" BEGIN generated regex(type): syntax match omtType /\v<%(@)%(%(\w\s+|[<,(]\s*|-\>\s*)<\w+)@<=>%(\(|\s*[.=])@!/
syntax match omtType /\v<%(ChainState|any|block|bool|bytes|chain|dict|duration|equivocation|float|function|hash|int|list|map|peer_id|rng|secret|segment|signature|signed|string|timestamp|uint)%(%(\w\s+|[<,(]\s*|-\>\s*)<\w+)@<=>%(\(|\s*[.=])@!/
" END generated
" BEGIN generated regex(declaration): syntax match omtDeclaration /\v^\s*<%(@)>%(\s*[.=])@!/
syntax match omtDeclaration /\v^\s*<%(actor|block|enum|function|imports|message|native|parameters|property|scenario|struct|task|transaction|uses|view)>%(\s*[.=])@!/
" END generated

syntax match omtNumber /\<\d\+\%(\.\d\+\)\?\>/
syntax match omtOperator /->\|=>\|[=!<>]=\|\/\/\|\.\.\.\|[-+*\/%=<>?]/
syntax match omtMember /\.\@<!\.\s*\h\w*/
syntax region omtString start=/"/ end=/"/ oneline
syntax match omtComment /#.*$/ contains=omtTodo,omtAllow,@Spell
syntax match omtDocumentation /##.*$/ contains=omtTodo,@Spell
syntax match omtAllow /\<allow [EWS]\d\{4}\ze:/ contained
syntax keyword omtTodo TODO FIXME XXX contained

syntax region omtBlock start=/(/ end=/)/ transparent fold
syntax sync minlines=200

highlight default link omtConstant Constant
highlight default link omtTypeName Type
highlight default link omtCall Function
highlight default link omtKeyword Keyword
highlight default link omtDeclaration Structure
highlight default link omtEffect Statement
highlight default link omtFunction Function
highlight default link omtUnit Keyword
highlight default link omtValue Special
highlight default link omtControl Conditional
highlight default link omtOperatorWord Operator
highlight default link omtBoolean Boolean
highlight default link omtType Type
highlight default link omtNumber Number
highlight default link omtOperator Operator
highlight default link omtMember Identifier
highlight default link omtString String
highlight default link omtComment Comment
highlight default link omtDocumentation SpecialComment
highlight default link omtAllow PreProc
highlight default link omtTodo Todo

let b:current_syntax = 'omt'
let &cpo = s:cpo_save
unlet s:cpo_save
