"""One file a subject. Each names the events it answers with `hear`; `bot.routes.build` finds the files by itself."""
