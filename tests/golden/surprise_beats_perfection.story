story Seventy where sixty was expected beats ninety where a hundred was
why   relationship.md 3: surprise
brand order 50.00 gap 30
every 10 days 8 times from 2026-01-05 review_posted bob rating=100   # bob has learnt to expect a hundred
2026-04-01 review_posted ada rating=70
at 2026-03-31
ada trust = 0.500
at 2026-04-01
ada trust > 0.6
2026-04-01 review_posted bob rating=90
2026-01-05 visit cleo
at 2026-04-01
ada trust > 0.6
ada trust > cleo
