// What tells a fan who looks elsewhere that the turn has come: a sound, a vibration, a notification, and until then a
// screen that stays on. Only after the fan has asked for it, and each only as far as the browser has it.

export interface Alerts {
  /** Must run in a click: browsers allow sound and ask for notifications only there. */
  readonly turnOn: () => void;
  readonly turnOff: () => void;
  readonly isOn: () => boolean;
  readonly ring: (text: string) => void;
}

const vibrationMs = [300, 150, 300, 150, 600];
const tones = [
  { hertz: 660, atSeconds: 0 },
  { hertz: 880, atSeconds: 0.3 },
  { hertz: 660, atSeconds: 0.9 },
  { hertz: 880, atSeconds: 1.2 },
];
const toneSeconds = 0.25;

const play = (audio: AudioContext): void => {
  void audio.resume();
  for (const { hertz, atSeconds } of tones) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const from = audio.currentTime + atSeconds;
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.25, from);
    loudness.gain.exponentialRampToValueAtTime(0.001, from + toneSeconds);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + toneSeconds);
  }
};

const notify = (text: string): void => {
  try {
    if (Notification.permission !== 'granted') return;
    const notification = new Notification(text, { tag: 'junban', requireInteraction: true });
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
  } catch {
    // Android lets only service workers notify: sound and vibration have to do.
  }
};

export const createAlerts = (): Alerts => {
  let on = false;
  let audio: AudioContext | null = null;
  let lock: WakeLockSentinel | null = null;
  const keepAwake = async (): Promise<void> => {
    if (!on || document.hidden || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      if (!on) void lock.release();
    } catch {
      // Refused, as when the battery is low: the screen behaves as it always does.
    }
  };
  // The browser takes the lock back whenever the page is hidden.
  document.addEventListener('visibilitychange', () => void keepAwake());
  return {
    isOn: () => on,
    turnOn: () => {
      on = true;
      if (typeof AudioContext !== 'undefined') audio ??= new AudioContext();
      void audio?.resume();
      if (typeof Notification !== 'undefined' && Notification.permission === 'default') {
        void Notification.requestPermission();
      }
      void keepAwake();
    },
    turnOff: () => {
      on = false;
      void lock?.release();
    },
    ring: text => {
      if (!on) return;
      if (audio !== null) play(audio);
      navigator.vibrate?.(vibrationMs);
      if (document.hidden) notify(text);
    },
  };
};
