// The HTML and the one stylesheet of the shop's pages: data in, text out. Which page answers which request is left to pages.ts.
import type { Order } from './order-log.ts';
import type { CategoryStock, Reservation } from './stock.ts';

export const eventId = 'junban-live';
const eventTitle = 'Junban Live 2027 東京アリーナ公演';

export const stylesheet = `:root{color-scheme:light dark;--ink:#1c1b1a;--paper:#fbfaf7;--line:#dcd8cf;--accent:#b3261e;--on-accent:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#eceae5;--paper:#191817;--line:#3d3a35;--accent:#f2b8b5;--on-accent:#601410}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,"Noto Sans JP",sans-serif}
header,main,footer{max-width:44rem;margin:0 auto;padding:1rem}header{display:flex;flex-wrap:wrap;gap:.25rem .8rem;align-items:baseline;border-bottom:1px solid var(--line)}
header a{color:inherit;text-decoration:none;white-space:nowrap}header a:first-child{flex:1 0 7rem}header strong{font-size:1.15rem}
h1{font-size:1.4rem;line-height:1.35;margin:.5rem 0}small{opacity:.72}a{color:var(--accent)}
table{width:100%;border-collapse:collapse}td,th{padding:.6rem .25rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}td form{display:flex;gap:.4rem;justify-content:end}
label{display:block;margin:.75rem 0}input,select,button{font:inherit;padding:.5rem .8rem;border:1px solid var(--line);border-radius:.4rem;background:transparent;color:inherit}
button{background:var(--accent);color:var(--on-accent);border:0;cursor:pointer}button:disabled{opacity:.4;cursor:default}
.notice{border-left:.3rem solid var(--accent);padding:.5rem 1rem;margin:1rem 0}
`;

/** The text of the failure that the shop is known for. */
export const m941Text = '支払手続中にエラーが発生しました。再度、お手続きください。[M941]';

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

function yen(amount: number): string {
  return `¥${amount.toLocaleString('ja-JP')}`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title.replace(/<[^>]*>/g, '')} | 順番チケット</title><link rel="stylesheet" href="/assets/shop.css"></head>
<body><header><a href="/"><strong>順番チケット</strong></a><a href="/events">公演一覧</a><a href="/cart">カート</a><a href="/login">ログイン</a></header>
<main><h1>${title}</h1>
${body}
</main><footer><small>Junban demo shop. Nothing here is really for sale.</small></footer></body></html>
`;
}

export function homePage(): string {
  return page(
    'ようこそ <small>Welcome</small>',
    `<p>本日発売 <small>On sale today</small>: <a href="/events/${eventId}">${eventTitle}</a></p>`,
  );
}

export function eventListPage(): string {
  return page(
    '公演一覧 <small>Events</small>',
    `<ul><li><a href="/events/${eventId}">${eventTitle}</a> <small>発売中 on sale</small></li>
<li>秋の音楽祭 <small>近日発売 soon</small></li><li>冬の陣 <small>受付終了 closed</small></li></ul>`,
  );
}

export function eventPage(categories: readonly CategoryStock[]): string {
  const rows = categories.map(({ category, available }) => {
    const button =
      available > 0
        ? `<form method="post" action="/cart"><input type="hidden" name="category" value="${category.id}">
<select name="count" aria-label="枚数 seats"><option>1</option><option>2</option></select> <button>カートへ</button></form>`
        : '<strong>完売 sold out</strong>';
    return `<tr><th>${category.title} <br><small>${category.titleEnglish}</small></th><td>${yen(category.priceYen)}<br><small>残り</small> ${available}</td><td>${button}</td></tr>`;
  });
  return page(eventTitle, `<table>${rows.join('\n')}</table>`);
}

export function loginPage(returnTo: string): string {
  return page(
    'ログイン <small>Login</small>',
    `<form method="post" action="/login"><input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}">
<label>お名前 Name <input name="name" required maxlength="60" autocomplete="name"></label><button>ログイン</button></form>`,
  );
}

function reservationLine(reservation: Reservation): string {
  const { category, count } = reservation;
  const until = new Date(reservation.expiresAtMs).toISOString();
  return `<p>${category.title} × ${count}: <strong>${yen(category.priceYen * count)}</strong><br>
<small>お取り置き期限 held until <time datetime="${until}">${until}</time></small></p>`;
}

export function cartPage(reservation: Reservation | undefined): string {
  const body =
    reservation === undefined
      ? `<p>カートは空です。<small>Your cart is empty.</small> <a href="/events/${eventId}">公演へ</a></p>`
      : `${reservationLine(reservation)}<p><a href="/checkout">お支払いへ進む Checkout</a></p>
<form method="post" action="/cart/empty"><button>カートを空にする Empty</button></form>`;
  return page('カート <small>Cart</small>', body);
}

export function checkoutPage(reservation: Reservation, fanName: string): string {
  return page(
    'お支払い <small>Checkout</small>',
    `<p>${escapeHtml(fanName)} 様</p>${reservationLine(reservation)}
<form method="post" action="/checkout"><input type="hidden" name="reservation" value="${reservation.id}"><button>購入する Buy</button></form>`,
  );
}

export function confirmationPage(order: Order): string {
  return page(
    'ご購入ありがとうございます <small>Thank you</small>',
    `<p class="notice">ご注文番号 Order <strong>${order.number}</strong></p><p>${order.title} × ${order.count}: ${yen(order.totalYen)}</p>`,
  );
}

export function noticePage(title: string, text: string): string {
  return page(title, `<p class="notice">${text}</p><p><a href="/events/${eventId}">公演へ戻る Back</a></p>`);
}
