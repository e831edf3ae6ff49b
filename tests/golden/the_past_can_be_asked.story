story What was she on the first of May? The same function with another day
why   relationship.md 1
brand order 50.00 gap 30
every 20 days 6 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
at 2026-01-24
ada tier micro
ada orders = 1
at 2026-02-14
ada tier weak
ada orders = 3
at 2026-01-24
ada tier micro
ada orders = 1
