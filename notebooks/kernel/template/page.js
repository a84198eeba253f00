/** What runs in a notebook's page: the switch for all cells' code, which the pages remember together, and the contents, folded on a phone. */
(() => {
  const button = document.querySelector('.code-switch');
  const cells = [...document.querySelectorAll('details.course-code')];
  function fold(folded) {
    for (const cell of cells) cell.open = !folded;
    button.textContent = folded ? 'Code: folded' : 'Code: shown';
  }
  // A browser may refuse to remember anything, and then even the name throws.
  let memory;
  try {
    memory = window.localStorage;
  } catch {}
  let folded = memory?.getItem('course-code') === 'folded';
  fold(folded);
  button.hidden = false;
  button.addEventListener('click', () => {
    folded = !folded;
    fold(folded);
    memory?.setItem('course-code', folded ? 'folded' : 'shown');
  });
  const contents = document.querySelector('.course-contents');
  if (contents && matchMedia('(max-width: 48rem)').matches) contents.open = false;
})();
