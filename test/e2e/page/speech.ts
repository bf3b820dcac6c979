// What a screen reader would hear of the page: every text that its live regions came to hold, in order.

/** To be run before the page is; `said` is then a global of it. */
export const recordSpeech = `
  window.said = [];
  document.addEventListener('DOMContentLoaded', () => {
    for (const id of ['polite', 'urgent']) {
      const region = document.getElementById(id);
      if (region.textContent !== '') said.push(region.textContent);
      new MutationObserver(() => { if (region.textContent !== '') said.push(region.textContent); })
        .observe(region, { childList: true, characterData: true, subtree: true });
    }
  });`;
