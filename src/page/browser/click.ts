// What a button of the document does.

export const click = (id: string, act: () => void): void => document.getElementById(id)?.addEventListener('click', act);
