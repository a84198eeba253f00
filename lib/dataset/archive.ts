export function isArchive(file: string): boolean {
  return /\.(?:tar\.gz|tgz|zip)$/i.test(file);
}
export async function unpackArchive(archive: string, cacheFolder: string, onProgress?: unknown): Promise<string> {
  void cacheFolder;
  void onProgress;
  return archive;
}
