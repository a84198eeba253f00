export const DRAWN_COUNT = 800;
export async function writeDrawnFaces(folder: string, options: { seed: number; count: number }, onProgress?: unknown): Promise<void> {
  void folder;
  void options;
  void onProgress;
}
