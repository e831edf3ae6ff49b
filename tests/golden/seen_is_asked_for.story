story Once staff and reviews can be seen, strong asks for two of them
why   relationship.md 7: observability is part of the active model
brand order 50.00 gap 30
observe staff_met review_posted contact_delivered
every 10 days 14 times from 2026-01-05 order_line ada product=tea order=a* amount=80.00
2026-01-06 contact_delivered ada
at 2026-05-15
ada tier weak
ada next strong
ada lacks staff_bond
ada lacks participation_depth
