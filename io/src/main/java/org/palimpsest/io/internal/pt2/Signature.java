package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.pt2.ExportedProgram.Union;

/**
 * What a program takes and gives.
 *
 * @param tensors its parameters, buffers and constants
 * @param inputs the names of the tensors that a user gives
 * @param outputs the names of the tensors that a user gets
 */
record Signature(List<StoredInput> tensors, List<String> inputs, List<String> outputs) {

  /** Where a tensor of the file is looked for. */
  enum Place {
    STATE,
    CONSTANTS
  }

  /**
   * A tensor that comes from the file.
   *
   * @param value its name among the values
   * @param name its name in the file
   */
  record StoredInput(String value, String name, boolean trained, Place place) {}

  private static final Set<String> OTHER_RESULTS = Set.of("buffer_mutation", "user_input_mutation");

  static Signature of(JsonNode signature, String file) {
    Reader reader = new Reader(file);
    if (signature.path("input_specs").isArray()) {
      signature.path("input_specs").forEach(reader::input);
      signature.path("output_specs").forEach(reader::output);
    } else if (signature.path("user_inputs").isArray()) {
      reader.old(signature);
    } else {
      throw new PalimpsestException(file + " is damaged: it does not say what it takes.");
    }
    return new Signature(reader.tensors, reader.inputs, reader.outputs);
  }

  private static final class Reader {

    private final String file;
    private final List<StoredInput> tensors = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();

    Reader(String file) {
      this.file = file;
    }

    /** PyTorch 2.1. */
    void old(JsonNode signature) {
      for (String kind : List.of("inputs_to_parameters", "inputs_to_buffers")) {
        for (Map.Entry<String, JsonNode> one : signature.path(kind).properties()) {
          boolean trained = kind.endsWith("parameters");
          tensors.add(new StoredInput(one.getKey(), one.getValue().asText(), trained, Place.STATE));
        }
      }
      signature.path("user_inputs").forEach(name -> inputs.add(name.asText()));
      signature.path("user_outputs").forEach(name -> outputs.add(name.asText()));
    }

    void input(JsonNode spec) {
      Union input = Union.of(spec, file);
      JsonNode value = input.value();
      String argument = Nodes.name(value.path("arg"));
      switch (input.kind()) {
        case "user_input" -> given(Union.of(value.path("arg"), file));
        case "parameter" ->
            tensors.add(
                new StoredInput(argument, text(value, "parameter_name"), true, Place.STATE));
        case "buffer" ->
            tensors.add(
                new StoredInput(
                    argument,
                    text(value, "buffer_name"),
                    false,
                    value.path("persistent").asBoolean(true) ? Place.STATE : Place.CONSTANTS));
        case "tensor_constant" ->
            tensors.add(
                new StoredInput(
                    argument, text(value, "tensor_constant_name"), false, Place.CONSTANTS));
        case "constant_input" -> constant(value);
        default ->
            throw new PalimpsestException(
                "%s takes an input of the kind '%s', which is not read here."
                    .formatted(file, Union.shown(input.kind())));
      }
    }

    private static String text(JsonNode node, String key) {
      return node.path(key).asText();
    }

    private void given(Union argument) {
      if (argument.is("as_tensor")) {
        inputs.add(Nodes.name(argument.value()));
      } else if (!argument.is(Union.NONE)) {
        throw new PalimpsestException(
            "%s takes an input that is no tensor (%s); only networks of one tensor can be shown probes. Wrap it in a module that takes one before it is exported."
                .formatted(file, Union.shown(argument.kind()).replaceFirst("^as_", "")));
      }
    }

    private void constant(JsonNode spec) {
      Union value = Union.of(spec.path("value"), file);
      if (!value.is(Union.NONE)) {
        throw new PalimpsestException(
            "%s takes an input '%s' that is no tensor (%s, %s when it was exported); only networks of one tensor can be shown probes. Wrap it in a module that takes one before it is exported."
                .formatted(
                    file,
                    text(spec, "name"),
                    Union.shown(value.kind()).replaceFirst("^as_", ""),
                    Union.shown(value.value().toString())));
      }
    }

    void output(JsonNode spec) {
      Union output = Union.of(spec, file);
      if (output.is("user_output")) {
        Union argument = Union.of(output.value().path("arg"), file);
        if (argument.is("as_tensor")) {
          outputs.add(Nodes.name(argument.value()));
        }
      } else if (!OTHER_RESULTS.contains(output.kind())) {
        throw new PalimpsestException(
            "%s gives a result of the kind '%s', which is not read here."
                .formatted(file, Union.shown(output.kind())));
      }
    }
  }
}
