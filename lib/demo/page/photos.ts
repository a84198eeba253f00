/** The ways in which a photo comes to the page: chosen, dropped anywhere, or pasted. */
import { element } from './element';

/** Calls back with the files that came; what comes with them but is no file, text for one, is left alone. */
export function onPhotos(take: (files: readonly File[]) => void): void {
  const input = element('file', HTMLInputElement);
  const given = (files: FileList | null | undefined) => {
    if (files && files.length > 0) take([...files]);
  };
  input.addEventListener('change', () => {
    given(input.files);
    input.value = ''; // so that the same file may be chosen again
  });
  addEventListener('paste', ({ clipboardData }) => given(clipboardData?.files));
  const drag = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault(); // or the browser would leave this page for the photo
    document.body.classList.toggle('dropping', event.type === 'dragover');
    if (event.type === 'drop') given(event.dataTransfer.files);
  };
  addEventListener('dragover', drag);
  addEventListener('drop', drag);
  addEventListener('dragleave', drag);
}
