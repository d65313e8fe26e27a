/** What a user says of a network and how it is run. */
@NullMarked
package org.palimpsest.io.network;

import org.jspecify.annotations.NullMarked;
