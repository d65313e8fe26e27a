/** What commands of other modules share with those of the command line. */
@NullMarked
package org.palimpsest.cli.internal;

import org.jspecify.annotations.NullMarked;
