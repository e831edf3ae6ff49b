story The credit for a person brought is withdrawn when their order is refunded
why   relationship.md 1: what crosses from person to person is an event that can be taken back
brand order 50.00 gap 30
every 10 days 12 times from 2026-01-05 order_line ada product=tea order=a* amount=80.00 full_price
2026-04-25 referral_accepted bob by=ada
2026-04-26 order_line bob product=tea order=b1 amount=80.00
at 2026-04-26
ada tier super_strong
ada referred_orders = 1
2026-05-02 order_refunded bob order=b1
at 2026-05-02
ada referred_orders = 0
ada tier weak            # bringing bob had been one of the two bonds that made it strong
ada posting 2026-05-02 super_strong -> weak by evidence
bob orders = 0
bob tier none
