/** The command line: one class per command, and the manners that they share. */
@NullMarked
package org.palimpsest.cli;

import org.jspecify.annotations.NullMarked;
