/**
 * Networks that run in a Java process of their own, so that a native runtime which dies takes
 * nothing else with it.
 */
@NullMarked
package org.palimpsest.io.internal.isolation;

import org.jspecify.annotations.NullMarked;
