/** A process that decodes images: see processes.ts. */
import { serve } from '../processes';
import { DECODING } from './decode-files';

serve(DECODING);
