story Told tastes and suggestions taken make the brand know them; wrong contact unmakes it
observe preference_stated suggestion_taken wrong_contact
2026-01-01 preference_stated ada
2026-01-02 suggestion_taken ada
2026-01-01 preference_stated bob
2026-01-02 wrong_contact bob
at 2026-01-02
ada knowledge_depth > 0.45
bob knowledge_depth = 0.000
ada knowledge_depth > bob
bob trust < 0.5
