/** A process that ends as soon as it is asked for anything: see unit/parallel.test.ts. */
import { serve } from '../lib/base/parallel';

serve({ script: 'test/dying-process.ts', functions: { die: async () => process.exit(3) } });
