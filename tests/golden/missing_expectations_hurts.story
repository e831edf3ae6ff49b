story A good mark below one's own expectation is a disappointment
why   relationship.md 3: the trial is against the person's own expectation
every 10 days 8 times from 2026-01-05 review_posted ada rating=100
every 10 days 8 times from 2026-01-05 review_posted bob rating=100
2026-04-01 review_posted ada rating=80
2026-04-01 visit bob
at 2026-04-01
ada trust < bob
