package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.jfree.chart.JFreeChart;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.text.VisibleText;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** A finished picture, to be written as PNG or SVG from the same drawing. Needs no display. */
public final class Figure {

  private static final int PIXELS_PER_POINT = 2;
  private static final String NOT_XML = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]";
  private static final String SVG = "http://www.w3.org/2000/svg";

  /** What an SVG says of a place under the pointer. */
  record Hover(Rectangle2D place, String text) {

    private void addTo(Element root) {
      Element area = root.getOwnerDocument().createElementNS(SVG, "rect");
      area.setAttribute("x", rounded(place.getX()));
      area.setAttribute("y", rounded(place.getY()));
      area.setAttribute("width", rounded(place.getWidth()));
      area.setAttribute("height", rounded(place.getHeight()));
      area.setAttribute("fill", "none");
      area.setAttribute("stroke", "none");
      area.setAttribute("pointer-events", "all");
      Element title = root.getOwnerDocument().createElementNS(SVG, "title");
      title.setTextContent(VisibleText.of(text));
      area.appendChild(title);
      root.appendChild(area);
    }

    private static String rounded(double length) {
      return String.valueOf(Math.rint(100 * length) / 100);
    }
  }

  private final List<Part> parts;
  private final List<Hover> hovers;

  private Figure(List<Part> parts, List<Hover> hovers) {
    this.parts = List.copyOf(parts);
    this.hovers = List.copyOf(hovers);
  }

  private Figure(List<Part> parts) {
    this(parts, List.of());
  }

  /** With what an SVG says under the pointer. */
  Figure withHovers(List<Hover> more) {
    return new Figure(parts, more);
  }

  static Figure of(JFreeChart chart, int width, int height) {
    return new Figure(List.of(new Panel(chart, new Rectangle(width, height))));
  }

  static Figure of(List<Part> parts) {
    return new Figure(parts);
  }

  /**
   * This picture with another to its right, the plots of charts at one height, and nothing under
   * the pointer.
   */
  public Figure beside(Figure other) {
    int height = Math.max(height(), other.height());
    double top = Math.max(firstTop(height), other.firstTop(height));
    double bottom = Math.min(firstBottom(height), other.firstBottom(height));
    List<Part> all = new ArrayList<>();
    parts.forEach(part -> all.add(beside(part, 0, height, top, bottom)));
    other.parts.forEach(part -> all.add(beside(part, width(), height, top, bottom)));
    return new Figure(all);
  }

  private static Part beside(Part part, int right, int height, double top, double bottom) {
    return part instanceof Panel panel
        ? panel.aligned(right, height, top, bottom)
        : part.moved(right, 0);
  }

  private double firstTop(int height) {
    return firstChart().map(p -> p.withHeight(height).dataArea().getMinY()).orElse(0.0);
  }

  private double firstBottom(int height) {
    return firstChart().map(p -> p.withHeight(height).dataArea().getMaxY()).orElse((double) height);
  }

  private Optional<Panel> firstChart() {
    return parts.stream().filter(Panel.class::isInstance).map(Panel.class::cast).findFirst();
  }

  /** Width in points. */
  public int width() {
    return size().width;
  }

  /** Height in points. */
  public int height() {
    return size().height;
  }

  private Rectangle size() {
    Rectangle size = new Rectangle();
    parts.forEach(part -> size.add(part.place()));
    return size;
  }

  /**
   * Writes it as PNG, two pixels to a point.
   *
   * @throws PalimpsestException if it cannot be written; then nothing is left
   */
  public void writePng(Path file) {
    byte[] png = png();
    AtomicFile.write(file, out -> out.write(png));
  }

  /** It as PNG, two pixels to a point. */
  public byte[] png() {
    return EmbeddedPng.bytes(image());
  }

  /**
   * It as PNG of at most 256 colours, a third of the size: those that fill the picture are kept,
   * and others, of edges and gradients, give way to one that is hardly different.
   */
  public byte[] smallPng() {
    return EmbeddedPng.bytes(FewColours.of(image()));
  }

  private BufferedImage image() {
    Rectangle size = size();
    BufferedImage image =
        new BufferedImage(
            size.width * PIXELS_PER_POINT,
            size.height * PIXELS_PER_POINT,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    draw(graphics, size);
    graphics.dispose();
    return image;
  }

  /**
   * Writes it as SVG, its texts as text.
   *
   * @throws PalimpsestException if it cannot be written; then nothing is left
   */
  public void writeSvg(Path file) {
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(emptyDocument());
    context.setImageHandler(new EmbeddedPng());
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    Rectangle size = size();
    graphics.setSVGCanvasSize(size.getSize());
    draw(graphics, size);
    AtomicFile.write(file, text(graphics));
  }

  private static Document emptyDocument() {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument(SVG, "svg", null);
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException("every Java runtime makes documents", impossible);
    }
  }

  /** Without the type of the document, which some readers would ask the network for. */
  private String text(SVGGraphics2D graphics) {
    StringWriter text = new StringWriter();
    try {
      Element root = graphics.getRoot();
      SvgTexts.keepWidths(root);
      hovers.forEach(hover -> hover.addTo(root));
      graphics.stream(root, text, false, false);
    } catch (SVGGraphics2DIOException impossible) {
      throw new UncheckedIOException("a text in memory can be written", impossible);
    }
    return text.toString().replaceFirst("<!DOCTYPE[^>]*>\\s*", "").replaceAll(NOT_XML, "\ufffd");
  }

  private void draw(Graphics2D graphics, Rectangle size) {
    Panel.measureExactly(graphics);
    graphics.setColor(Color.WHITE);
    graphics.fill(size);
    parts.forEach(part -> part.draw(graphics));
  }
}
