// The fan's switch for alerts, and when they ring: as the call comes, and as its time begins to run out.
import type { View } from '../describe.ts';
import { createAlerts } from './alerts.ts';

/** Returns what is to be told of every view that is drawn. */
export const startAlertSwitch = (): ((view: View) => void) => {
  const alerts = createAlerts();
  const button = document.getElementById('alert');
  const explanation = document.getElementById('alerted');
  let last = '';
  let canAlert = true;
  const show = (): void => {
    button?.setAttribute('aria-pressed', String(alerts.isOn()));
    if (explanation !== null) explanation.hidden = !alerts.isOn() || !canAlert;
  };
  button?.addEventListener('click', () => {
    if (alerts.isOn()) alerts.turnOff();
    else alerts.turnOn();
    show();
  });
  return view => {
    const now = view.screen === 'called' ? `called ${view.hurrySeconds !== null}` : '';
    if (now !== last && now !== '') alerts.ring(view.headline);
    last = now;
    // Superseded is no end: the fan may go on here.
    if (view.tone === 'end' && view.screen !== 'superseded') alerts.turnOff();
    canAlert = view.canAlert;
    show();
  };
};
