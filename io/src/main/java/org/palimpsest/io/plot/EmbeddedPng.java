package org.palimpsest.io.plot;

import java.awt.image.RenderedImage;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.ImageIO;
import org.apache.batik.svggen.ImageHandlerBase64Encoder;
import org.apache.batik.svggen.SVGGraphics2DIOException;

/**
 * Puts images into an SVG by the JDK's encoder: Batik's own is in a library that nothing else
 * needs.
 */
final class EmbeddedPng extends ImageHandlerBase64Encoder {

  @Override
  public void encodeImage(RenderedImage image, OutputStream out) throws SVGGraphics2DIOException {
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException failure) {
      throw new SVGGraphics2DIOException("an image of an SVG cannot be encoded", failure);
    }
  }
}
