story The first completed order makes a micro tie at once
why   relationship.md 5
brand order 50.00 gap 30
2026-01-01 visit ada
2026-01-03 product_added ada product=tea
2026-01-05 order_completed ada order=1 amount=50.00
at 2026-01-04
ada tier none
ada lacks orders
at 2026-01-05
ada tier micro
ada postings 1
ada posting 2026-01-05 none -> micro by evidence
