story From weak to super-strong in one step: the missing thing was a person brought
why   relationship.md 5: any jump in either direction is possible in one step
brand order 50.00 gap 30
every 10 days 12 times from 2026-01-05 order_line ada product=tea order=a* amount=80.00
2026-04-24 event_attended ada
2026-04-25 referral_accepted bob by=ada
at 2026-04-29
ada tier weak
2026-04-30 order_line bob product=tea order=b1 amount=80.00
at 2026-04-30
ada tier super_strong
ada posting 2026-04-30 weak -> super_strong by evidence
ada referred_orders = 1
ada sums exact
