// Data munging: a feed of orders in, a report per customer out. The smallest
// total that makes it into the report comes from the caller, as __ARGS__.

const feed = `[
  {"id": 1, "customer": "Ada",   "lines": [{"sku": "pen", "price": 1.2, "n": 10}]},
  {"id": 2, "customer": "Grace", "lines": [{"sku": "disk", "price": 89.5, "n": 2},
                                           {"sku": "pen", "price": 1.2, "n": 5}]},
  {"id": 3, "customer": "Ada",   "lines": [{"sku": "desk", "price": 240, "n": 1}]},
  {"id": 4, "customer": "Alan",  "lines": []},
  {"id": 5, "customer": "Grace", "lines": [{"sku": "lamp", "price": 35.25, "n": 2}]},
  {"id": 6, "customer": "Edsger", "lines": [{"sku": "chalk", "price": 0.75, "n": 40}]}
]`;

const minimum = __ARGS__.minimum ?? 0;
const cents = (amount) => Math.round(amount * 100);

const byCustomer = new Map();
for (const { customer, lines } of JSON.parse(feed)) {
  const entry = byCustomer.get(customer) ?? { orders: 0, items: 0, cents: 0 };
  entry.orders += 1;
  for (const { price, n } of lines) {
    entry.items += n;
    entry.cents += cents(price) * n;
  }
  byCustomer.set(customer, entry);
}

const report = [...byCustomer]
  .map(([customer, { orders, items, cents }]) => ({
    customer,
    orders,
    items,
    total: cents / 100,
  }))
  .filter(({ total }) => total >= minimum)
  .sort((a, b) => b.total - a.total);

for (const { customer, orders, items, total } of report) {
  console.log(
    customer.padEnd(8),
    String(orders).padStart(2), "orders",
    String(items).padStart(3), "items",
    total.toFixed(2).padStart(8)
  );
}

const sum = report.reduce((total, row) => total + cents(row.total), 0) / 100;
check(sum === 537.5, "the sum of the report");

({ customers: report.map((row) => row.customer), sum });
