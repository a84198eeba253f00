/** A process that decodes images: see processes.ts. */
import { serve } from '../base/processes';
import { DECODING } from './decode-files';

serve(DECODING);
