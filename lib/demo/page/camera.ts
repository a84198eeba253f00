/** The camera, from the click that asks for it until its light goes out. */

/** Faces in front of a computer are large: more pixels would only cost time. */
const WANTED = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } } as const;

export interface Camera {
  /** The frame that was taken last; the next one overwrites it. */
  readonly canvas: HTMLCanvasElement;
  readonly isOn: boolean;
  /** Takes the next frame. */
  next(): Promise<void>;
  stop(): void;
}

/** Throws what `getUserMedia` throws. `onLost` is called where the camera ends by itself. */
export async function openCamera(onLost: () => void): Promise<Camera> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: WANTED });
  const tracks = stream.getTracks();
  const canvas = document.createElement('canvas');
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  video.srcObject = stream;
  let isOn = true;
  const camera = {
    canvas,
    get isOn() {
      return isOn;
    },
    next: async () => {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const { videoWidth, videoHeight } = video;
      if (canvas.width !== videoWidth || canvas.height !== videoHeight) Object.assign(canvas, { width: videoWidth, height: videoHeight });
      canvas.getContext('2d')?.drawImage(video, 0, 0);
    },
    stop: () => {
      isOn = false;
      for (const track of tracks) track.stop();
      video.srcObject = null;
      canvas.width = 0;
    },
  };
  for (const track of tracks)
    track.addEventListener('ended', () => {
      camera.stop();
      onLost();
    });
  try {
    await video.play();
  } catch (error) {
    camera.stop();
    throw error;
  }
  return camera;
}
