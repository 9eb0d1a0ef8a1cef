; Comments are read as comments: TODO, links.

([
  (comment)
  (doc_comment)
] @injection.content
  (#set! injection.language "comment"))
