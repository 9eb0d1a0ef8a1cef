autocmd BufRead,BufNewFile *.omt setfiletype omt
