/** A process that looks at files for the catalog: see processes.ts. */
import { serve } from '../base/processes';
import { LOOKING } from './look';

serve(LOOKING);
