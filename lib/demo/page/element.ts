/** The page's element of that id, of the type that is asked for. */
export function element<T extends HTMLElement = HTMLElement>(id: string, type: new () => T = HTMLElement as new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`page.html has no ${type.name} #${id}`);
  return found;
}
