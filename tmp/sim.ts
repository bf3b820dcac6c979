import { SimulatedSale } from '../test/simulation/shop/simulated-sale.ts';
const knee = Number(process.argv[2] ?? 100), turn = process.argv[3] !== 'no', scen = process.argv[4] ?? 'unknown';
const sale = new SimulatedSale({ seed: 1, knee, autopilot: {}, hasTurnstile: turn, pacePerMinute: 60 });
const t0 = Date.now();
sale.events.runUntil(scen === 'halve' ? 240000 : 300000);
if (scen === 'halve') { sale.shop.setKnee(knee / 2); sale.events.runUntil(360000); sale.shop.setKnee(knee); sale.events.runUntil(540000); }
if (scen === 'die') { sale.shop.die(); sale.events.runUntil(330000); sale.shop.isAlive = true; sale.events.runUntil(480000);}
for (let i = 0; i + 10 <= sale.seconds.length; i += 10) {
  const s = sale.seconds.slice(i, i + 10); const sum = (f: (x: any) => number) => s.reduce((a, b) => a + f(b), 0);
  const l = s.flatMap(x => x.latenciesMs).sort((a, b) => a - b);
  console.log(i, 'pace', Math.round(s[9]!.pacePerMinute), 'busy', s[9]!.busy, 'req/s', sum(x => x.requests) / 10, 'use', (sum(x => x.served) / 10 / (s[9]!.knee||1)).toFixed(2), 'err', sum(x => x.errors), 'held', sum(x => x.held), 'p50', Math.round(l[Math.floor(l.length * .5)] ?? 0), 'p90', Math.round(l[Math.floor(l.length * .9)] ?? 0), sale.reasons[i + 9]?.slice(0, 90));
}
console.log(Date.now() - t0, 'ms');
