story A tier is kept a while below the bar it was entered at
why   relationship.md 5: promotion and demotion bars differ
brand order 50.00 gap 30
every 20 days 4 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
at 2026-10-15
ada tier weak
ada index < 25
ada index >= 20
