story Two purchases without products named are still two occasions
why   relationship.md 5 and 7: where no source names products any purchase counts
brand order 50.00 gap 30
every 15 days 3 times from 2026-01-05 order_completed ada order=a* amount=40.00
at 2026-02-04
ada repeat_occasions = 3
ada tier weak
