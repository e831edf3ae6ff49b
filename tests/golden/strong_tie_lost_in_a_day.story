story A strong tie is lost in a day: harm breaks what forty visits built
why   relationship.md 3 (breach) and 5 (at once on a breach)
brand order 50.00 gap 30
every 14 days 12 times from 2026-01-05 order_line ada product=tea order=a* amount=80.00 full_price
every 14 days 6 times from 2026-01-06 staff_met ada staff=wang
every 14 days 6 times from 2026-01-07 promise_kept ada
at 2026-06-09
ada tier strong
ada trust >= 0.8
at 2026-06-10
ada tier strong
2026-06-11 safety_incident ada
at 2026-06-11
ada tier none
ada posting 2026-06-11 strong -> none by breach
ada trust < 0.35
ada sums exact
