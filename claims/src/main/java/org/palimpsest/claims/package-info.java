/** What is claimed of transfer learning in segmentation, judged on anyone's training runs. */
@NullMarked
package org.palimpsest.claims;

import org.jspecify.annotations.NullMarked;
