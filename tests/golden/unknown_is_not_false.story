story A shop with orders alone: what cannot be seen is named, not held against anyone
why   relationship.md 7
brand order 50.00 gap 30
every 10 days 14 times from 2026-01-05 order_line ada product=tea order=a* amount=80.00
at 2026-05-15
ada tier strong          # the options (staff, participation, advocacy ...) cannot be seen
ada unobservable staff_bond
ada unobservable advocacy_depth
ada unobservable reachable
ada unobservable super_strong
ada next super_strong
ada lacks referred_orders
