// A small shop, the same in every run: orders as a shop would export them, and events of all kinds
// with hostile names.
import { payloads } from './payloads.ts';

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const products = [
  ['85123A', 'WHITE HANGING HEART T-LIGHT HOLDER', 255], ['22423', 'REGENCY CAKESTAND 3 TIER', 1275],
  ['85099B', 'JUMBO BAG RED RETROSPOT', 208], ['84879', 'ASSORTED COLOUR BIRD ORNAMENT', 169],
  ['47566', 'PARTY BUNTING', 495], ['20725', '青瓷茶杯 大号', 8800], ['21232', 'STRAWBERRY CERAMIC TRINKET BOX', 125],
] as const;

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
function price(minor: number): string {
  return `${Math.floor(minor / 100)}.${twoDigits(minor % 100)}`;
}

/** 240 customers over two years; the first buy often and to the end, the last once and long ago. */
export function ordersCsv(): string {
  const next = random(20110609);
  const lines = ['Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country'];
  let invoice = 489434;
  for (let customer = 0; customer < 240; ++customer) {
    const zeal = 1 - customer / 240;
    const orders = 1 + Math.floor(zeal * zeal * 26 * (0.6 + 0.4 * next()));
    const favourite = Math.floor(next() * products.length);
    const last = 729 - Math.floor((1 - zeal) * 500 * next());
    const span = Math.floor(last * (0.4 + 0.6 * next()));
    for (let order = 0; order < orders; ++order) {
      const day = orders === 1 ? last - Math.floor(next() * 200) : last - span + Math.floor((span * order) / (orders - 1));
      const moment = new Date(Date.UTC(2009, 11, 1 + Math.max(0, day), 9 + Math.floor(next() * 8), Math.floor(next() * 60)));
      const stamp = `${moment.getUTCFullYear()}-${twoDigits(moment.getUTCMonth() + 1)}-${twoDigits(moment.getUTCDate())} ${twoDigits(moment.getUTCHours())}:${twoDigits(moment.getUTCMinutes())}:00`;
      const size = 1 + Math.floor(next() * 3);
      for (let line = 0; line < size; ++line) {
        const product = products[line === 0 ? favourite : Math.floor(next() * products.length)] ?? products[0];
        lines.push(`${invoice},${product[0]},${product[1]},${1 + Math.floor(next() * 11)},${stamp},${price(product[2])},${12346 + customer}.0,United Kingdom`);
      }
      invoice += 1;
    }
  }
  return `${lines.join('\n')}\n`;
}

/** One person for each payload, who also buys, writes and is written to under that name. */
export function hostileEvents(): string {
  const lines: string[] = [];
  payloads.forEach((payload, i) => {
    const at = (hour: number) => new Date(Date.UTC(2011, 10, 1 + (i % 28), hour)).toISOString();
    const track = (event: string, hour: number, properties: object) =>
      lines.push(JSON.stringify({ type: 'track', event, userId: payload, messageId: `${i}-${hour}`, timestamp: at(hour), properties }));
    track('Order Completed', 9, {
      order_id: `H${i}`, total: '19.99', currency: 'GBP', coupon: payload,
      products: [{ product_id: payload, name: payload, price: '19.99', quantity: 1, category: payload }],
    });
    track(payload, 10, { [payload]: payload, name: payload, url: `javascript:xss()//${i}` });
    track('Product Reviewed', 11, { product_id: payload, review_body: payload, rating: 4, title: payload });
    track('Ticket Solved', 12, { ticket_id: payload, subject: payload, staff: payload });
  });
  return `${lines.join('\n')}\n`;
}

/** Rows that must be refused, with hostile text in what is kept of them. */
export function refusedEvents(): string {
  return payloads
    .slice(0, 12)
    .map((payload, i) => JSON.stringify({ type: 'track', event: 'Order Completed', userId: `r${i}`, messageId: `bad-${i}`, timestamp: payload, properties: { total: payload, currency: payload } }))
    .concat(['{"type":"track", <script>xss()</script>'])
    .join('\n')
    .concat('\n');
}
