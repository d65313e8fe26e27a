package org.palimpsest.io.network;

import java.util.List;
import java.util.OptionalLong;

/**
 * A layer as its file describes it, before anything runs. What a file tells differs from tool to
 * tool: names always, which are the ones to select layers by; types nearly always; numbers of
 * parameters where the tool counts them.
 *
 * @param name under which its activations are captured
 * @param type what the tool calls such layers, such as {@code ConvolutionLayer} or {@code Conv}
 * @param parameters how many it has with what is below it, as the tool counts them, if the file
 *     tells
 * @param remarks what else the file says of it, such as that its weights are shared
 */
public record LayerOutline(
    String name, String type, OptionalLong parameters, List<String> remarks) {

  public LayerOutline {
    remarks = List.copyOf(remarks);
  }

  /** With a known number of parameters and no remarks. */
  public LayerOutline(String name, String type, long parameters) {
    this(name, type, OptionalLong.of(parameters), List.of());
  }
}
