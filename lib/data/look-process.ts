/** A process that looks at files for the catalog: see parallel.ts. */
import { serve } from '../base/parallel';
import { LOOKING } from './look';

serve(LOOKING);
