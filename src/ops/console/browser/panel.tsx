// One switch of a room: closed it shows how it stands, open it shows how to turn it.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

type PanelNeeds = {
  readonly title: string;
  /** How it stands, in a word or two. */
  readonly state: string;
  readonly isOpen?: boolean;
  readonly children: ComponentChildren;
};

/** What is closed was never opened costs nothing: its form is made when it is first opened, and kept from then on. */
export function Panel({ title, state, isOpen = false, children }: PanelNeeds) {
  const [wasOpened, setOpened] = useState(isOpen);
  return (
    <details
      class="panel"
      open={isOpen}
      onToggle={event => {
        if (event.currentTarget.open) setOpened(true);
      }}
    >
      <summary>
        <h3>{title}</h3>
        <span class="state">{state}</span>
      </summary>
      {wasOpened && <div class="inside">{children}</div>}
    </details>
  );
}

/** A number that is being typed; null while it is none, or not one that may be. */
export function useNumber(isGood: (value: number) => boolean) {
  const [text, setText] = useState('');
  const value = Number(text);
  return { text, setText, value: text.trim() !== '' && Number.isFinite(value) && isGood(value) ? value : null };
}

type NumberFieldNeeds = {
  readonly label: string;
  readonly name: string;
  readonly field: ReturnType<typeof useNumber>;
  readonly step?: string;
  readonly min?: string;
  readonly max?: string;
  readonly hint?: string;
};

export function NumberField({ label, name, field, step = '1', min = '0', max, hint }: NumberFieldNeeds) {
  const { text, setText, value } = field;
  const isWrong = text !== '' && value === null;
  return (
    <label>
      {label}
      <input
        {...{ type: 'number', inputMode: step === '1' ? 'numeric' : 'decimal', name, min, max, step, value: text }}
        aria-invalid={isWrong}
        onInput={event => setText(event.currentTarget.value)}
      />
      {isWrong && hint !== undefined && <span class="problem">{hint}</span>}
    </label>
  );
}

/** Beside a form that was begun before somebody else told something else. */
export function Overtaken({ told, onTake }: { readonly told: string; readonly onTake: () => void }) {
  return (
    <p class="problem" role="alert">
      Somebody else has told this meanwhile: {told}.{' '}
      <button type="button" onClick={onTake}>
        Take theirs
      </button>
    </p>
  );
}
