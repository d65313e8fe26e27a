package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** A figure as both kinds of file, read back. */
record Drawn(BufferedImage png, Document svg) {

  /** Writes it into a folder and reads it; keeps the PNG if {@code palimpsest.pictures} is set. */
  static Drawn of(Figure figure, Path folder, String name) {
    Path png = folder.resolve(name + ".png");
    Path svg = folder.resolve(name + ".svg");
    figure.writePng(png);
    figure.writeSvg(svg);
    try {
      String kept = System.getProperty("palimpsest.pictures");
      if (kept != null) {
        Files.copy(png, Path.of(kept, name + ".png"), StandardCopyOption.REPLACE_EXISTING);
      }
      Document document =
          DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
      Drawn drawn = new Drawn(ImageIO.read(png.toFile()), document);
      assertThat(drawn.png.getWidth()).isEqualTo(2 * figure.width());
      assertThat(drawn.png.getHeight()).isEqualTo(2 * figure.height());
      assertThat(drawn.colours()).as("colours in " + name).isGreaterThan(2);
      return drawn;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (Exception failure) {
      throw new AssertionError(svg + " is not well-formed", failure);
    }
  }

  private long colours() {
    return IntStream.range(0, png.getWidth() * png.getHeight())
        .map(i -> png.getRGB(i % png.getWidth(), i / png.getWidth()))
        .distinct()
        .count();
  }

  /** What the SVG says under the pointer. */
  List<String> hovers() {
    List<String> hovers = new ArrayList<>();
    NodeList nodes = svg.getElementsByTagName("title");
    for (int i = 0; i < nodes.getLength(); i++) {
      hovers.add(nodes.item(i).getTextContent().strip());
    }
    return hovers;
  }

  /** The texts of the SVG, in the order in which they are drawn. */
  List<String> texts() {
    List<String> texts = new ArrayList<>();
    NodeList nodes = svg.getElementsByTagName("text");
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent().strip());
    }
    return texts;
  }
}
