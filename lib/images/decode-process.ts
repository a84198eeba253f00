/** A process that decodes images: see parallel.ts. */
import { serve } from '../base/parallel';
import { DECODING } from './decode-files';

serve(DECODING);
