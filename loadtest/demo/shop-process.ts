// The demo shop as a process of its own; it ends with its parent.

import { openShop } from '../shop/shop.ts';

export type ShopReport = { readonly url: string; readonly controlUrl: string };

process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent decides the order.
process.on('SIGINT', () => undefined);

const shop = await openShop({ port: 0, controlPort: 0, knee: 60, restockAfterMs: 60_000 });
process.send?.({ url: shop.url, controlUrl: shop.controlUrl } satisfies ShopReport);
