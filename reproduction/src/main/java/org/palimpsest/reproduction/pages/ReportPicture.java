package org.palimpsest.reproduction.pages;

import org.palimpsest.report.plot.Figure;

/**
 * A picture.
 *
 * @param name of its file, without an ending
 * @param caption what it shows
 * @param figure the picture
 */
public record ReportPicture(String name, String caption, Figure figure) {}
