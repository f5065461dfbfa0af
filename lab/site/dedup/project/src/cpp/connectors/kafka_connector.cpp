#include "connectors/kafka_connector.hpp"

#include <cstdlib>

namespace dedup {

namespace {

// The password is in the environment: a file with it would end up in an artifact.
std::string password(const KafkaConfig& config) {
    const char* value = std::getenv("KAFKA_PASSWORD");
    return value != nullptr && *value != '\0' ? value : config.password;
}

}  // namespace

KafkaConnector::KafkaConnector(const KafkaConfig& config) {
    settings_["bootstrap.servers"] = config.bootstrap + ":" + std::to_string(config.port);
    settings_["acks"] = config.acks;
    if (!config.user.empty()) {
        settings_["security.protocol"] = "SASL_PLAINTEXT";
        settings_["sasl.mechanism"] = "SCRAM-SHA-512";
        settings_["sasl.username"] = config.user;
        settings_["sasl.password"] = password(config);
    }
}

}  // namespace dedup
