// The dashboards of Grafana, written down as what they show; run as a program it writes dashboards/*.json. Plain JSON in
// Grafana's classic form, which every version provisions: a table of panels is easier to change than a page of JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Query = { readonly expr: string; readonly legend: string };
type Panel = {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: 'timeseries' | 'stat';
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: number;
};
export type Dashboard = {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  /** All of it on one screen of 1080 rows of pixels: four small graphs beside each other. Default: two large ones. */
  readonly isOneScreen?: boolean;
};

const graph = (
  title: string,
  unit: string,
  description: string,
  ...queries: readonly (readonly [string, string])[]
): Panel => ({
  ...{ title, unit, description, kind: 'timeseries', width: 12 },
  queries: queries.map(([legend, expr]) => ({ legend, expr })),
});
const stat = (title: string, unit: string, description: string, expr: string): Panel => ({
  ...{ title, unit, description, kind: 'stat', width: 4 },
  queries: [{ legend: '{{room}}', expr }],
});

const ofRoom = '{room=~"$room"}';
/** A metric that every gateway reports alike. */
const same = (name: string, more = '') => `max by (room) (${name}{room=~"$room"${more}})`;
/** Of a counter that every gateway reports alike: one that catches up with the others is no peak. */
const perMinute = (name: string) =>
  `clamp_min(max by (room) (${name}${ofRoom}) - max by (room) (${name}${ofRoom} offset 1m), 0)`;
const quantile = (share: number, name: string, by: string, filter = ofRoom) =>
  `histogram_quantile(${share}, sum by (${by}, le) (rate(${name}_bucket${filter}[2m])))`;

export const dashboards: readonly Dashboard[] = [
  {
    uid: 'junban-sale',
    title: 'Junban: Sale',
    isOneScreen: true,
    panels: [
      stat('In line', 'short', 'Present, neither called nor missed.', same('junban_line_devices', ',state="waiting"')),
      stat('Called', 'short', 'Called and not yet in.', same('junban_line_devices', ',state="called"')),
      stat('Inside', 'short', 'Passes alive.', same('junban_active_passes')),
      stat('Pace', 'short', 'Calls and admissions allowed per minute.', same('junban_pace_per_minute')),
      stat('Held', 'short', '1 while paused or drained, or while the shop fails.', same('junban_room_held')),
      stat('Open', 'short', '1 while the sale is on.', same('junban_room_phase', ',phase="open"')),
      graph(
        'The line',
        'short',
        'Who is where.',
        ['{{room}} {{state}}', `max by (room, state) (junban_line_devices${ofRoom})`],
        ['{{room}} present', same('junban_present_devices')],
        ['{{room}} absent', same('junban_absent_devices')],
      ),
      graph(
        'The flow',
        'short',
        'Per minute, against the pace.',
        ['{{room}} joins', perMinute('junban_joins_total')],
        ['{{room}} calls', perMinute('junban_calls_total')],
        ['{{room}} let in', perMinute('junban_admissions_total')],
        ['{{room}} no-shows', perMinute('junban_no_shows_total')],
        ['{{room}} returners', perMinute('junban_returners_total')],
        ['{{room}} pace', same('junban_pace_per_minute')],
      ),
      graph(
        'Inside the shop',
        'short',
        'Passes alive against the cap.',
        ['{{room}} inside', same('junban_active_passes')],
        ['{{room}} cap', same('junban_active_cap_passes')],
      ),
      graph('What limits the calling', 'short', '1 for what keeps the caller from calling more.', [
        '{{room}} {{limit}}',
        `max by (room, limit) (junban_call_limit${ofRoom})`,
      ]),
      graph(
        'Answers of the shop',
        's',
        'From the request to the first byte.',
        ['{{room}} half within', quantile(0.5, 'junban_shop_first_byte_seconds', 'room')],
        ['{{room}} 90 % within', quantile(0.9, 'junban_shop_first_byte_seconds', 'room')],
        ['{{room}} 99 % within', quantile(0.99, 'junban_shop_first_byte_seconds', 'room')],
      ),
      graph(
        'Outcomes of the shop',
        'reqps',
        'Requests to the shop by how they ended.',
        ['{{room}} {{outcome}}', `sum by (room, outcome) (rate(junban_shop_requests_total${ofRoom}[1m]))`],
        ['{{room}} signatures', `sum by (room) (rate(junban_shop_signature_hits_total${ofRoom}[1m]))`],
      ),
      graph(
        'Autopilot',
        'short',
        'The pace that it set, or in shadow would set, and its changes a minute by cause.',
        ['{{room}} pace', same('junban_autopilot_pace_per_minute')],
        ['{{room}} {{cause}}', `60 * max by (room, cause) (rate(junban_autopilot_changes_total${ofRoom}[1m]))`],
      ),
      graph(
        'In flight at the shop',
        'short',
        'Requests that have not ended, how many it can work on at once, and how many wait for that.',
        ['{{room}} in flight', `sum by (room) (junban_shop_in_flight_requests${ofRoom})`],
        ['{{room}} limit', `sum by (room) (junban_shop_limit_requests${ofRoom})`],
        ['{{room}} waiting', `sum by (room) (junban_shop_waiting_requests${ofRoom})`],
      ),
      graph('Ends of passes', 'short', 'Per minute, by cause; as seen by one gateway.', [
        '{{room}} {{cause}}',
        `60 * max by (room, cause) (rate(junban_passes_ended_total${ofRoom}[1m]))`,
      ]),
      graph('Refusals', 'reqps', 'Requests refused, by reason.', [
        '{{code}}',
        'sum by (code) (rate(junban_refusals_total[1m]))',
      ]),
    ],
  },
  {
    uid: 'junban-gateways',
    title: 'Junban: Gateways',
    panels: [
      graph('Sockets', 'short', 'WebSockets and event streams.', [
        '{{instance}}',
        'sum by (instance) (junban_open_sockets)',
      ]),
      graph(
        'Frames',
        'ops',
        'Pushed and dropped.',
        ['{{instance}} pushed', 'sum by (instance) (rate(junban_frames_pushed_total[1m]))'],
        ['{{instance}} dropped', 'sum by (instance) (rate(junban_frames_dropped_total[1m]))'],
      ),
      graph(
        'News to every device',
        's',
        'From news of the line to the end of the sweep.',
        ['{{instance}} half', quantile(0.5, 'junban_push_delay_seconds', 'instance', '')],
        ['{{instance}} 99 %', quantile(0.99, 'junban_push_delay_seconds', 'instance', '')],
      ),
      graph(
        'Event loop lag',
        's',
        'How late timers run.',
        ['{{instance}} half', quantile(0.5, 'junban_event_loop_lag_seconds', 'instance', '')],
        ['{{instance}} 99 %', quantile(0.99, 'junban_event_loop_lag_seconds', 'instance', '')],
      ),
      graph('CPU', 'percentunit', 'Of one core.', [
        '{{instance}}',
        'sum by (instance) (rate(junban_process_cpu_seconds_total[1m]))',
      ]),
      graph('Memory', 'bytes', 'By kind.', [
        '{{instance}} {{kind}}',
        'sum by (instance, kind) (junban_process_memory_bytes)',
      ]),
      graph('Garbage', 'percentunit', 'Share of time spent collecting garbage.', [
        '{{instance}} {{kind}}',
        'sum by (instance, kind) (rate(junban_gc_pause_seconds_total[1m]))',
      ]),
      graph('Who is the caller', 'short', '1 for the caller of a room, by the name in its lease.', [
        '{{room}} {{instance}} {{caller}}',
        `max by (room, instance, caller) (junban_room_caller_info${ofRoom})`,
      ]),
      graph(
        'Webhooks',
        'short',
        'Per minute by outcome, and how many wait.',
        ['{{outcome}}', '60 * sum by (outcome) (rate(junban_webhook_messages_total[2m]))'],
        ['waiting', 'max(junban_webhook_waiting_messages)'],
      ),
      graph('Renewed passes', 'short', 'Per minute.', [
        '{{instance}}',
        '60 * sum by (instance) (rate(junban_pass_renewals_total[1m]))',
      ]),
      graph(
        'Age',
        's',
        'Since the process started.',
        ['{{instance}}', 'time() - max by (instance) (junban_process_start_time_seconds)'],
        ['{{instance}} signing key', 'time() - max by (instance) (junban_signing_key_timestamp_seconds)'],
      ),
      graph('Versions', 'short', 'Gateways by version.', [
        '{{version}} on Node {{node}}',
        'count by (version, node) (junban_build_info)',
      ]),
    ],
  },
  {
    uid: 'junban-store',
    title: 'Junban: Store',
    panels: [
      graph('Trouble', 'short', '1 while the store does not answer.', [
        '{{instance}}',
        'max by (instance) (junban_store_trouble)',
      ]),
      graph('Operations', 'ops', 'By operation.', [
        '{{instance}} {{operation}}',
        'sum by (instance, operation) (rate(junban_store_operation_seconds_count[1m]))',
      ]),
      graph('Latency, half within', 's', 'By operation.', [
        '{{operation}}',
        quantile(
          0.5,
          'junban_store_operation_seconds',
          'operation',
          '{operation=~"commit|lead|take-numbers|presence|documents"}',
        ),
      ]),
      graph('Latency, 99 % within', 's', 'By operation.', [
        '{{operation}}',
        quantile(
          0.99,
          'junban_store_operation_seconds',
          'operation',
          '{operation=~"commit|lead|take-numbers|presence|documents"}',
        ),
      ]),
      graph('Errors', 'ops', 'Operations not answered well.', [
        '{{instance}} {{operation}}',
        'sum by (instance, operation) (rate(junban_store_errors_total[1m]))',
      ]),
      graph('Callers', 'short', 'How many gateways say they are the caller: 1 is right.', [
        '{{room}}',
        `sum by (room) (junban_room_caller${ofRoom})`,
      ]),
    ],
  },
  {
    uid: 'junban-estimate',
    title: 'Junban: Estimate quality',
    panels: [
      graph('Coverage', 'percentunit', 'Share of waits inside the range told at the join, over ten minutes.', [
        '{{room}}',
        `sum by (room) (rate(junban_estimate_outcomes_total{room=~"$room",outcome="inside"}[10m])) / sum by (room) (rate(junban_estimate_outcomes_total${ofRoom}[10m]))`,
      ]),
      graph('Where the others fell', 'short', 'Calls per minute by outcome.', [
        '{{room}} {{outcome}}',
        `60 * sum by (room, outcome) (rate(junban_estimate_outcomes_total${ofRoom}[2m]))`,
      ]),
      graph(
        'Real waits',
        's',
        'From the join to the call.',
        ['{{room}} half within', quantile(0.5, 'junban_wait_seconds', 'room')],
        ['{{room}} 90 % within', quantile(0.9, 'junban_wait_seconds', 'room')],
      ),
      graph(
        'Pace against admissions',
        'short',
        'What makes an estimate wrong.',
        ['{{room}} pace', same('junban_pace_per_minute')],
        ['{{room}} let in', perMinute('junban_admissions_total')],
      ),
      graph('Frontier', 'short', 'The first place not yet reached.', ['{{room}}', same('junban_frontier_place')]),
    ],
  },
];

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts the chosen data source here.
const datasource = { type: 'prometheus', uid: '${datasource}' };
const heights = { timeseries: 8, stat: 4 } as const;
const smallHeights = { timeseries: 6, stat: 3 } as const;

export function dashboardJson({ uid, title, panels, isOneScreen = false }: Dashboard): string {
  const heightOf = isOneScreen ? smallHeights : heights;
  let [x, y, height] = [0, 0, 0];
  const placed = panels.map((panel, index) => {
    const { kind, unit, queries } = panel;
    const width = isOneScreen && kind === 'timeseries' ? panel.width / 2 : panel.width;
    if (x + width > 24) [x, y, height] = [0, y + height, 0];
    const gridPos = { x, y, w: width, h: heightOf[kind] };
    x += width;
    height = Math.max(height, heightOf[kind]);
    return {
      ...{ id: index + 1, type: kind, title: panel.title, description: panel.description, datasource, gridPos },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'value_and_name' } : {},
      targets: queries.map(({ expr, legend }, at) => ({
        ...{ refId: String.fromCharCode(65 + at), expr, legendFormat: legend, datasource },
      })),
    };
  });
  const document = {
    ...{
      uid,
      title,
      tags: ['junban'],
      schemaVersion: 39,
      version: 1,
      editable: true,
      refresh: '5s',
      timezone: 'browser',
    },
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          ...{
            name: 'room',
            type: 'query',
            label: 'Room',
            datasource,
            refresh: 2,
            multi: true,
            includeAll: true,
            allValue: '.*',
          },
          ...{ query: 'label_values(junban_pace_per_minute, room)', current: { text: 'All', value: '$__all' } },
        },
      ],
    },
    panels: placed,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('dashboards/', import.meta.url), { recursive: true });
  for (const dashboard of dashboards) {
    writeFileSync(new URL(`dashboards/${dashboard.uid}.json`, import.meta.url), dashboardJson(dashboard));
  }
}
